import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css"
import "./tokens.css"
import "./base.css"
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core"
import { QueryClient, QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { Refused } from "./api/fetch.ts"
import { makeRouter } from "./router.tsx"
import { startTexts } from "./text/text.ts"

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      retry: (count, error) => !(error instanceof Refused && error.status < 500) && count < 2,
    },
  },
})
const schemes = localStorageColorSchemeManager({ key: "moru.scheme" })

await startTexts()

const root = document.getElementById("root")
if (root)
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        defaultColorScheme="auto"
        colorSchemeManager={schemes}
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <QueryClientProvider client={client}>
          <RouterProvider router={makeRouter(client)} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
