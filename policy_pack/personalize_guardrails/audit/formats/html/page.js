"use strict";
(() => {
  const table = document.getElementById("findings-table");
  const filter = document.getElementById("filter");
  if (!table || !filter) return;
  const written = Array.from(table.querySelectorAll("tbody tr"));
  const size = Number(table.dataset.size);
  const text = filter.querySelector("input");
  const selects = Array.from(filter.querySelectorAll("select"));
  const told = filter.querySelector("output");
  const heads = Array.from(table.tHead.rows[0].cells);
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const texts = new Map();
  let order = written;
  let sorted = "";

  // What a row says, in lower case; kept, since a filter asks for it at every key.
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };

  const fitting = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = selects.filter((select) => select.value).map((select) => [select.name, select.value]);
    return order.filter((row) => chosen.every(([name, value]) => row.dataset[name].split(" ").includes(value)) &&
      words.every((word) => textOf(row).includes(word)));
  };

  // Rows stand in groups, as they are written: a group that is not seen costs nothing.
  const show = () => {
    const rows = fitting();
    const groups = document.createDocumentFragment();
    for (let at = 0; at < rows.length; at += size) {
      const group = document.createElement("tbody");
      group.setAttribute("role", "rowgroup");
      if (rows.length - at >= size) group.className = "many";
      for (const row of rows.slice(at, at + size)) group.append(row);
      groups.append(group);
    }
    for (const group of Array.from(table.tBodies)) group.remove();
    table.append(groups);
    tell(rows.length);
  };

  const tell = (shown) => {
    const count = `${shown} of ${written.length} findings shown`;
    told.textContent = sorted ? `${count}, sorted by ${sorted}.` : `${count}.`;
  };

  const sort = (head, button) => {
    const column = heads.indexOf(head);
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const each of heads) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    // Severities have a rank: they were written with the worst first.
    const keyed = written.map((row, rank) => [column ? row.cells[column].textContent : -rank, row]);
    keyed.sort(column ? (a, b) => collator.compare(a[0], b[0]) : (a, b) => a[0] - b[0]);
    if (down) keyed.reverse();
    order = keyed.map((pair) => pair[1]);
    sorted = `${button.textContent.toLowerCase()}, ${down ? "descending" : "ascending"}`;
    show();
  };

  for (const head of heads) {
    if (!("sort" in head.dataset)) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head, button));
    head.replaceChildren(button);
  }

  let waiting = 0;
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
  for (const select of selects) select.addEventListener("change", show);
  filter.querySelector("button").addEventListener("click", () => {
    text.value = "";
    for (const select of selects) select.value = "";
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[0].setAttribute("aria-sort", "descending");
    sorted = "";
    order = written;
    show();
    text.focus();
  });
  filter.hidden = false;
  tell(written.length);
})();
