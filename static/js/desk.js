/* The desk by keyboard: arrows go from line to line of a list, and from one thing to do to the next; Ctrl and Enter send a form.
   Letters do nothing, so that nobody who speaks to their machine decides by accident. Nothing needs this script. */
(() => {
  "use strict";

  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    const form = at?.closest("[data-desk-form]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector(".desk-main"));
      return;
    }
    const list = at?.closest(".desk-doing") || at?.closest(".desk-list, .desk-does");
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!list || !step || event.altKey || event.ctrlKey || event.metaKey) return;
    const stops = [...list.querySelectorAll("a, button")];
    const next = stops[stops.indexOf(at) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
})();
