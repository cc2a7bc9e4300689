/* What somebody meets who reads, points or moves by keys: each function answers with complaints, one line each. */
(() => {
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && element.getClientRects().length > 0;
  const named = (element) => {
    const kind = [element.tagName.toLowerCase(), ...element.classList].join(".");
    return `${kind} “${(element.innerText || element.value || element.name || "").trim().slice(0, 50)}”`;
  };
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
  const complain = (elements, why) => elements.map((element) => `${why(element)}: ${named(element)}`);

  /* Small print says so with a class; what is pressed, scanned or filled in is set in the size of the house. */
  const SMALL = ".meta, .small, .hint, .error, .crumb, .mark, .reading, .label, .verb, .button, .post-head, .h-small, .role, .only-heard, .own-nav, .pager, .stamp, code, pre, legend, label, button, select, textarea, input, option, summary, noscript, svg, .sheet dt, blockquote footer";

  /* Nothing reaches over the edge, whatever is inside. */
  const sideways = () => {
    const edge = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= edge) return [];
    const over = all("body *").filter((element) => element.getBoundingClientRect().right > edge + 1);
    return complain(over.slice(0, 5), (element) => `reaches to ${Math.round(element.getBoundingClientRect().right)} of ${edge} px`);
  };

  const sizes = () => {
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const found = new Set();
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      if (!texts.currentNode.data.trim() || !shown(element) || element.closest(SMALL)) continue;
      if (parseFloat(getComputedStyle(element).fontSize) < 18) found.add(element);
    }
    const tiny = all("body *").filter((element) => element.innerText?.trim() && parseFloat(getComputedStyle(element).fontSize) < 14);
    const size = (element) => `${getComputedStyle(element).fontSize} text`;
    return [...complain([...found], size), ...complain(tiny, size)];
  };

  const touch = () => {
    const low = (selector, height) =>
      complain(
        all(selector).filter((element) => element.getBoundingClientRect().height < height - 0.1),
        (element) => `${element.getBoundingClientRect().height} px high, not ${height}`,
      );
    return [
      ...low(".button:not(.button-small), .safe, main button:not(.verb, .button-small), main summary, main :is(select, textarea), main input:not([type=hidden], [type=checkbox], [type=radio])", 44),
      ...low(".verb, .button-small, .rooms a, .own-nav a, .pager a", 40),
      ...low("main :is([type=checkbox], [type=radio])", 24),
    ];
  };

  const outline = () => {
    const complaints = [];
    const one = (selector, what) => {
      if (all(selector).length !== 1) complaints.push(`${all(selector).length} ${what}, not one`);
    };
    one("h1", "headings of the first level");
    one("main", "main parts");
    one("header.lintel a[href='/help/']", "ways to help at the top");
    one("a[data-leave]", "ways to leave");
    return complaints;
  };

  /* Press the tab key once before: then a ring is drawn as it is for the keyboard. */
  const focus = () => {
    const stops = all("a[href], button, input:not([type=hidden]), select, textarea, summary").filter((element) => !element.disabled);
    const bare = stops.filter((element) => {
      element.focus({ preventScroll: true, focusVisible: true });
      const style = getComputedStyle(element);
      return document.activeElement !== element || style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2;
    });
    return complain(bare, () => "shows no focus");
  };

  /* How many characters stand in each line of a paragraph. */
  const lines = (paragraph) => {
    const texts = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT), range = document.createRange(), found = [];
    let bottom = -Infinity;
    while (texts.nextNode()) {
      for (const word of texts.currentNode.data.matchAll(/\S+\s*/g)) {
        range.setStart(texts.currentNode, word.index);
        range.setEnd(texts.currentNode, word.index + word[0].trimEnd().length);
        const box = range.getBoundingClientRect();
        if (!box.width) continue;
        // A word without an end, broken over lines: such a paragraph has no measure.
        if (range.getClientRects().length > 1) return [];
        if (box.top > bottom - 4) found.push(0);
        bottom = Math.max(bottom, box.bottom);
        found[found.length - 1] += word[0].length;
      }
    }
    return found;
  };

  /* The mean of each paragraph of at least four lines, its last line left out. */
  const measures = (selector) =>
    all(selector)
      .map((paragraph) => [paragraph, lines(paragraph).slice(0, -1)])
      .filter(([, counts]) => counts.length > 2)
      .map(([paragraph, counts]) => ({ mean: counts.reduce((a, b) => a + b) / counts.length, name: named(paragraph) }));

  const reading = () => measures("main :is(p, li, dd)").filter(({ mean }) => mean > 75).map(({ mean, name }) => `${Math.round(mean)} characters a line: ${name}`);

  const shifts = () =>
    new Promise((done) => {
      const seen = [];
      new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
      setTimeout(() => done(seen.filter((entry) => !entry.hadRecentInput).map((entry) => `moves by ${entry.value.toFixed(4)}: ${entry.sources?.map(({ node }) => node?.nodeName + "." + node?.className)}`)), 60);
    });

  window.look = { sideways, sizes, touch, outline, focus, measures, reading, shifts };
})();
