// Puts YASQE, where it is installed, in the place of the plain field; without it, or without
// scripts, the field stays. The form is sent as it always is.
"use strict";

addEventListener("DOMContentLoaded", () => {
  const field = document.getElementById("query");
  if (!field || typeof window.Yasqe !== "function") {
    return;
  }
  const place = document.createElement("div");
  place.className = "editor";
  field.before(place);
  const editor = new window.Yasqe(place, {
    value: field.value.trimStart(),
    showQueryButton: false,
    createShareableLink: null,
    createShortLink: null,
    persistenceId: null,
    consumeShareLink: null,
    resizeable: false,
    // The others would ask servers of strangers.
    autocompleters: ["variables"],
    requestConfig: { endpoint: field.form.action },
  });
  editor.setOption("screenReaderLabel", "Query");
  editor.setOption("lineWrapping", true);
  // It is as high as the query: what scrolls would have to be reached by the keyboard.
  editor.setOption("viewportMargin", Infinity);
  // Tab leaves the field, as everywhere else; Ctrl-Enter asks.
  editor.addKeyMap({
    Tab: false,
    "Shift-Tab": false,
    "Ctrl-Enter": () => field.form.requestSubmit(),
    "Cmd-Enter": () => field.form.requestSubmit(),
  });
  editor.setSize(null, "auto");
  field.hidden = true;
  field.form.addEventListener("submit", () => {
    field.value = editor.getValue();
  });
  const fault = document.querySelector(".ask-fault[data-line]");
  if (fault) {
    editor.addLineClass(Number(fault.dataset.line) - 1, "background", "fault-line");
  }
});
