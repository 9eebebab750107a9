// Tells that the page is loaded, where somebody listens.
addEventListener("load", () => window.__TAURI_INTERNALS__?.invoke("loaded"));
