/* Hearth's own script. Everything here only makes plain links and forms quicker; nothing needs it.
   It is led by attributes, talks to this server alone, and keeps nothing in the browser's storage. */
(() => {
  "use strict";

  /* Leaving quickly: the page goes blank at once, and its place in the history goes to the neutral page. */
  const exit = document.querySelector("a[data-leave]");
  const leave = () => {
    document.documentElement.hidden = true;
    document.title = " ";
    /* Words kept for an ended session are forgotten; whether that arrives or not, nobody waits for it. */
    fetch("/leaving/", { keepalive: true, credentials: "same-origin" }).catch(() => {});
    window.location.replace(exit.href);
  };
  if (exit) {
    exit.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    });
    let pressed = [];
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Shift") pressed = [];
      else if (!event.repeat) {
        pressed = [...pressed, event.timeStamp].filter((when) => event.timeStamp - when < 2000);
        if (pressed.length >= 3) leave();
      }
    });
  }

  /* A page brought back from memory is read as it was: forms may be sent again. */
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sent]").forEach((form) => form.removeAttribute("data-sent"));
  });

  /* The summary of what went wrong takes focus once. */
  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();

  /* Signed in again, by the same member: the kept words go where they were sent. */
  const now = document.querySelector("form[data-post-now]");
  if (now) now.requestSubmit();

  /* A second press of the same button within five seconds does nothing; the form's key would make it harmless anyway. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => form.removeAttribute("data-sent"), 5000);
  });

  const send = (form, url) =>
    fetch(url, {
      method: "POST",
      body: new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")),
      headers: { "HX-Request": "true" },
      credentials: "same-origin",
      redirect: "error",
    });

  /* Drafts: four seconds after the last key, at the latest nine after the first; also when the page is put away. */
  const keep = (form) => {
    const said = form.querySelector("[data-saved]");
    let pause, limit, waiting = false, words = "";
    const written = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")).toString();
    words = written();

    const save = async () => {
      clearTimeout(pause);
      clearTimeout(limit);
      pause = limit = undefined;
      if (waiting || form.dataset.sent) return;
      const now = written();
      if (now === words) return;
      waiting = true;
      try {
        const answer = await send(form, form.dataset.draft);
        if (!answer.ok) throw new Error(answer.status);
        words = now;
        if (said) said.textContent = said.dataset.saved.replace("{time}", new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
      } catch {
        if (said) said.textContent = said.dataset.unsaved;
        limit ??= setTimeout(save, 9000);
      }
      waiting = false;
    };

    form.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(save, 4000);
      limit ??= setTimeout(save, 9000);
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "hidden" || form.dataset.sent || written() === words) return;
      navigator.sendBeacon(form.dataset.draft, new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")));
      words = written();
    });
  };
  document.querySelectorAll("form[data-draft]").forEach(keep);

  /* How it will look: the server's own rendering, when the writing pauses. Never announced: the words are the writer's. */
  const look = (form) => {
    const target = form.querySelector("[data-preview-target]");
    const source = form.querySelector("textarea");
    if (!target || !source) return;
    const place = target.closest("[hidden]") || target;
    let pause, latest = 0;
    const show = async () => {
      const mine = ++latest;
      try {
        const answer = await send(form, form.dataset.preview);
        if (!answer.ok || mine !== latest) return;
        target.innerHTML = await answer.text();
        place.hidden = !source.value.trim();
      } catch { /* without a line there is no preview; the words are safe in the form */ }
    };
    form.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(show, 700);
    });
    if (source.value.trim() && !target.textContent.trim()) show();
  };
  document.querySelectorAll("form[data-preview]").forEach(look);

  /* Tags: names that are there already, for the one that is being written. Pressing one puts it in the place of what was begun. */
  const suggest = (field) => {
    const place = field.closest(".stack")?.querySelector("[data-suggestions]");
    if (!place) return;
    let pause, latest = 0;
    const begun = () => field.value.split(",").pop().trim();
    const show = async () => {
      const mine = ++latest, words = begun();
      let names = "";
      try {
        const answer = words.length > 1 && (await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(words)}`, { credentials: "same-origin", redirect: "error" }));
        if (answer && answer.ok) names = (await answer.text()).trim();
      } catch { /* without a line one writes the tag oneself */ }
      if (mine !== latest) return;
      place.innerHTML = names;
      place.hidden = !names;
    };
    field.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(show, 300);
    });
    place.addEventListener("click", (event) => {
      const chosen = event.target.closest("button");
      if (!chosen) return;
      latest += 1;
      field.value = [...field.value.split(",").slice(0, -1).map((one) => one.trim()), chosen.textContent.trim()].join(", ");
      place.hidden = true;
      field.focus();
    });
  };
  document.querySelectorAll("input[data-suggest]").forEach(suggest);

  /* Quoting what is selected: the link of a post carries the words chosen in it. Pressing must not lose the selection first. */
  const chosen = (link) => {
    const selection = window.getSelection();
    const words = link.closest("article")?.querySelector(".prose");
    if (!selection || selection.isCollapsed || !words) return "";
    const inside = [...link.closest("article").querySelectorAll(".prose")].some((part) => part.contains(selection.anchorNode) && part.contains(selection.focusNode));
    return inside ? selection.toString().trim().slice(0, 500) : "";
  };
  let selected = "";
  document.addEventListener("pointerdown", (event) => {
    const link = event.target.closest?.("a[data-quote]");
    selected = link ? chosen(link) : "";
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-quote]");
    if (!link) return;
    const words = chosen(link) || selected;
    const url = new URL(link.href);
    if (words) url.searchParams.set("excerpt", words);
    else url.searchParams.delete("excerpt");
    link.href = url.href;
  });
})();
