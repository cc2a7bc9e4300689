/* Passkeys: wires the forms marked with data-passkey to allauth's own script, and says aloud what it would only log.
   data-passkey names the function; the button, the answer's field and the data are found by their ids, one such form a page. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-passkey]");
  const ways = window.allauth?.webauthn?.forms;
  if (!form || !ways) return;
  const said = form.querySelector("[role='status']");
  const press = "passkey-press";
  ways[form.dataset.passkey]({
    ids: { login: press, add: press, authenticate: press, credential: "passkey-answer", passwordless: form.elements.passwordless?.id, data: "passkey-data" },
  });
  form.addEventListener("click", () => { said.textContent = ""; });
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    said.textContent = form.dataset.failed;
  });
})();
