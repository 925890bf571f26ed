// Runs before the first paint, so that the page never flashes in the wrong theme.
{
  let kept = null;
  try { kept = localStorage.getItem("gadfly-theme"); } catch { /* storage may be refused */ }
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
}
