// Before the first paint: the chosen colour scheme, else the system's, so that a dark room sees no white flash.
{
  let chosen
  try {
    chosen = localStorage.getItem("moru.scheme")
  } catch {}
  const dark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches)
  document.documentElement.dataset.mantineColorScheme = dark ? "dark" : "light"
}
