"use strict";
const ranks = { error: 0, warning: 1, advice: 2 };

function value(row, column, number) {
  const text = row.cells[column].textContent.trim();
  if (number) {
    // `1,234`, or a line with its column: `12:5`.
    const [first, second = "0"] = text.replaceAll(",", "").split(":");
    return Number(first) * 1e7 + Number(second);
  }
  return text in ranks ? String(ranks[text]) : text.toLowerCase();
}

function sort(table, header) {
  const column = header.cellIndex;
  const number = header.dataset.kind === "number";
  const falling = header.getAttribute("aria-sort") === "ascending";
  const rows = Array.from(table.tBodies[0].rows, (row) => [value(row, column, number), row]);
  rows.sort(([a], [b]) => (number ? a - b : a.localeCompare(b)) * (falling ? -1 : 1));
  table.tBodies[0].append(...rows.map(([, row]) => row));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", falling ? "descending" : "ascending");
}

for (const table of document.querySelectorAll("table.sortable")) {
  for (const header of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    header.replaceChildren(button);
    button.addEventListener("click", () => sort(table, header));
  }
}

const filter = document.getElementById("filter");
const told = document.getElementById("shown");
const rows = document.querySelector("table.filtered").tBodies[0].rows;
const whole = told.textContent;
filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  let count = 0;
  for (const row of rows) {
    row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
    count += row.hidden ? 0 : 1;
  }
  told.textContent = wanted ? `${count} of ${rows.length} rows shown.` : whole;
});
