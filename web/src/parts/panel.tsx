import type { ReactNode } from "react"

export function Panel(props: {
  title: string
  sub?: ReactNode
  tools?: ReactNode
  className?: string
  children: ReactNode
}) {
  return (
    <section className={`panel ${props.className ?? ""}`} aria-label={props.title}>
      <header>
        <h2>{props.title}</h2>
        {props.sub !== undefined && <span className="sub clip">{props.sub}</span>}
        {props.tools && <div className="row push">{props.tools}</div>}
      </header>
      {props.children}
    </section>
  )
}
