// Checks a definition 200 ms after the last key. An answer that comes after a newer one is dropped.
const text = document.getElementById("text");
const found = document.getElementById("found");
let timer = 0;
let asked = 0;

function say(diagnostics) {
  found.replaceChildren();
  const list = document.createElement("ul");
  list.className = "found";
  for (const one of diagnostics) {
    const item = document.createElement("li");
    item.className = one.severity === "error" ? "bad" : "warn";
    const label = one.labels && one.labels[0];
    const place = label ? ` (${label.file}, line ${label.line})` : "";
    item.append(`${one.severity === "error" ? "Error" : "Warning"}: ${one.message}${place}`);
    if (one.help) {
      const help = document.createElement("p");
      help.className = "help";
      help.textContent = one.help;
      item.append(help);
    }
    list.append(item);
  }
  if (diagnostics.length === 0) {
    const well = document.createElement("p");
    well.className = "good";
    well.textContent = "Nothing is wrong with it.";
    found.append(well);
  } else {
    found.append(list);
  }
}

async function check() {
  asked += 1;
  const mine = asked;
  const { project, file } = text.dataset;
  const answer = await fetch(`/v1/projects/${encodeURIComponent(project)}/check`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ files: { [file]: text.value } }),
  });
  if (mine !== asked || !answer.ok) return;
  say((await answer.json()).diagnostics);
}

text.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(check, 200);
});
