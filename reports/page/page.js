(() => {
  const form = document.getElementById("filter");
  const [text, state, shown] = form.elements;
  const rows = [...document.querySelectorAll("#lines tbody tr")];
  const words = rows.map((row) => row.textContent.toLowerCase());
  const states = rows.map((row) => row.querySelector(".state").textContent);
  const filter = () => {
    const wanted = text.value.toLowerCase().split(/\s+/);
    let count = 0;
    rows.forEach((row, i) => {
      const fits = (!state.value || states[i] === state.value)
        && wanted.every((word) => words[i].includes(word));
      row.hidden = !fits;
      count += fits;
    });
    shown.value = count === rows.length ? "" : `${count} of ${rows.length} shown`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
})();
