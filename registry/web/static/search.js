// What a script adds to the search page: suggestions while typing, copying with one click. Without
// it everything works as it stands.
"use strict";

addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector("input[data-suggest]");
  if (field) {
    suggest(field);
  }
  for (const text of document.querySelectorAll(".copies pre")) {
    copied(text);
  }
});

function suggest(field) {
  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  field.parentElement.classList.add("suggest");
  field.after(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");

  let chosen = -1;
  let waiting = 0;
  let asked = null;

  const close = () => {
    list.hidden = true;
    list.replaceChildren();
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const mark = (number) => {
    const items = [...list.children];
    chosen = (number + items.length + 1) % (items.length + 1);
    if (chosen === items.length) {
      chosen = -1;
    }
    items.forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) {
      field.removeAttribute("aria-activedescendant");
    } else {
      field.setAttribute("aria-activedescendant", items[chosen].id);
      items[chosen].scrollIntoView({ block: "nearest" });
    }
  };

  const take = (item) => {
    if (item.dataset.page) {
      location.assign(item.dataset.page);
      return;
    }
    field.value = item.dataset.text;
    close();
    field.form.requestSubmit();
  };

  const show = (found) => {
    list.replaceChildren(
      ...found.map((one, at) => {
        const item = document.createElement("li");
        item.id = `suggestion-${at}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        item.dataset.text = one.text;
        item.append(one.text);
        if (one.kind) {
          const kind = document.createElement("span");
          kind.className = "quiet";
          kind.textContent = ` ${one.kind}`;
          item.append(kind);
        }
        // Before the field loses the focus.
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(item);
        });
        return item;
      }),
    );
    chosen = -1;
    list.hidden = found.length === 0;
    field.setAttribute("aria-expanded", String(found.length > 0));
  };

  const ask = async () => {
    const typed = field.value.trim();
    asked?.abort();
    if (typed.length < 2 || typed.length > 200) {
      close();
      return;
    }
    asked = new AbortController();
    try {
      const address = `${field.dataset.suggest}?q=${encodeURIComponent(typed)}`;
      const answer = await fetch(address, { signal: asked.signal });
      if (answer.ok && document.activeElement === field) {
        show((await answer.json()).suggestions ?? []);
      }
    } catch {
      // Suggestions are a help: where there are none, the search still works.
      close();
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 150);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (list.hidden) {
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? list.children.length - 1 : chosen - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
}

function copied(text) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-describedby", text.getAttribute("aria-labelledby"));
  text.before(button);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
  });
}
