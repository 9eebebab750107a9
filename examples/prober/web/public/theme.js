// Runs before the first paint, so that a dark window never flashes white.
// The names used here are those of src/lib/theme.ts.
(() => {
  let theme = "system";
  try {
    theme = localStorage.getItem("prober:theme") || "system";
  } catch {
    // A window without storage follows the system.
  }
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();
