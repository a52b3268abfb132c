import { Outlet } from "@tanstack/react-router"
import { lazy, Suspense } from "react"
import { useSession } from "../api/queries.ts"
import { LoadingPage } from "./places.tsx"
import { Shell } from "./shell.tsx"
import "./shell.css"

const SignIn = lazy(async () => ({ default: (await import("../sign-in/sign-in.tsx")).SignInForm }))

/** A real plant shows nothing to strangers; the example lets everybody look around. */
export function Root() {
  const { person, lookAround } = useSession()
  if (person || lookAround)
    return (
      <Shell>
        <Outlet />
      </Shell>
    )
  return (
    <main className="main">
      <Suspense fallback={<LoadingPage />}>
        <SignIn />
      </Suspense>
    </main>
  )
}
