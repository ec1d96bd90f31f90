/**
 * What a page's script adds to tables that can be read without it: each heading becomes a button that sorts by its
 * column, and a long table gets a field that keeps the rows with a text in them. Runs in a browser; it makes no markup
 * from text.
 */
export const TABLE_SCRIPT = `"use strict";
(() => {
  const LONG = 25;
  const texts = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : texts.compare(a, b));

  const addSorting = (table) => {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const isNumber = head.classList.contains("number");
        const isDescending = head.hasAttribute("aria-sort")
          ? head.getAttribute("aria-sort") === "ascending"
          : isNumber;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
        const rows = [...body.rows].map((row) => [valueOf(row, column), row]);
        rows.sort(([a], [b]) => (isDescending ? compare(b, a) : compare(a, b)));
        body.append(...rows.map(([, row]) => row));
      });
    });
  };

  const addFilter = (table) => {
    const rows = [...table.tBodies[0].rows];
    const label = document.createElement("label");
    const field = document.createElement("input");
    const shown = document.createElement("output");
    field.type = "search";
    field.autocomplete = "off";
    field.spellcheck = false;
    label.append("Filter these " + rows.length + " rows ", field);
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      let left = 0;
      for (const row of rows) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
        if (!row.hidden) left++;
      }
      shown.textContent = wanted === "" ? "" : left + (left === 1 ? " row" : " rows");
    });
    const box = document.createElement("div");
    box.className = "filter";
    box.append(label, shown);
    table.closest(".scroll").before(box);
  };

  for (const table of document.querySelectorAll("table")) {
    if (table.tBodies[0].rows.length > 1) addSorting(table);
    if (table.tBodies[0].rows.length > LONG) addFilter(table);
  }
})();
`;
