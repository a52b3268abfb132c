/** Lines on a 20 x 20 field, drawn in the ink of their surroundings. */
const paths = {
  overview: "M3 3h6v6H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 11h6v6H3z",
  trend: "M3 16.5h14M3 12l4-4 3 3 6-7",
  alarm: "M5.5 13.5V9a4.5 4.5 0 0 1 9 0v4.5l1.5 1.5H4zM8.5 17h3",
  equipment: "M3 16.5h14M4.5 16.5v-6l4 2.5v-2.5l4 2.5V5h3v11.5",
  decision: "M3.5 11 5.5 4h9l2 7v5h-13zM3.5 11h4l1 2h3l1-2h4",
  ledger: "M5 3h10v14H5zM8 7h4M8 10h4M8 13h2",
  connect: "M7 3v4M13 3v4M5 7h10v3a5 5 0 0 1-10 0zM10 15v3",
  settings:
    "M10 7.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M15.3 4.7l-1.4 1.4M6.1 13.9l-1.4 1.4",
  search: "M8.8 3.5a5.3 5.3 0 1 0 0 10.6 5.3 5.3 0 0 0 0-10.6zM12.7 12.7l4 4",
  moon: "M15.8 11.8A6.3 6.3 0 0 1 8.2 4.2a6.3 6.3 0 1 0 7.6 7.6z",
  sun: "M10 6.7a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6zM10 2.5V4M10 16v1.5M2.5 10H4M16 10h1.5M4.7 4.7l1 1M14.3 14.3l1 1M15.3 4.7l-1 1M5.7 14.3l-1 1",
  person: "M10 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 17c.5-3.5 3-5 6-5s5.5 1.5 6 5",
  pause: "M7 4.5v11M13 4.5v11",
  play: "M6 4v12l10-6z",
  hand: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM7.5 7.5h5v5h-5z",
  snooze: "M10 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM8 8.5h4l-4 4h4",
  out: "M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM5.5 5.5l9 9",
  close: "M5 5l10 10M15 5 5 15",
  next: "M8 5l5 5-5 5",
  down: "M10 3.5v9M6 9l4 4 4-4M4 16.5h12",
  picture: "M3 4h14v12H3zM3 13l4-4 4 4 2-2 4 3",
  back: "M8 5 4 9l4 4M4 9h8a4 4 0 0 1 0 8h-2",
  shield: "M10 3 4.5 5v5c0 3.5 2.5 5.7 5.5 7 3-1.3 5.5-3.5 5.5-7V5zM7.5 10l2 2 3.5-4",
  gap: "M2.5 10H7M13 10h4.5M8.5 6.5v7M11.5 6.5v7",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  check: "M4 10.5l4 4 8-9",
} as const

export type IconName = keyof typeof paths

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "more" ? 2.4 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  )
}

/** The anvil. */
export function Brand({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 28 28" aria-hidden="true">
      <rect width="28" height="28" rx="6" fill="var(--nav-on)" />
      <path
        d="M4.5 8.5h14c.6 2.2 2.2 3.6 5 4v1.6h-5.7c-2 .5-3 1.8-3 3.7h3.4V21H8.6v-3.2H12c0-2.2-1-3.2-3-3.7-2.4-.4-3.9-2.2-4.5-5.6z"
        fill="#fff"
      />
    </svg>
  )
}
