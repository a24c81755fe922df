// Shows what an operation says, as it says it. Without this the page asks again by itself.
const list = document.getElementById("messages");
const { project, operation, sent } = list.dataset;
if (project && operation) {
  let known = Number(sent);
  const address = `/v1/events?project=${encodeURIComponent(project)}&operation=${operation}`;
  const source = new EventSource(address);
  let seen = 0;
  source.addEventListener("message", (event) => {
    seen += 1;
    if (seen <= known) return;
    known = seen;
    const message = JSON.parse(event.data);
    const item = document.createElement("li");
    if (message["@level"] === "error") item.className = "bad";
    if (message["@level"] === "warn") item.className = "warn";
    const time = document.createElement("time");
    time.dateTime = message["@timestamp"];
    time.textContent = message["@timestamp"].slice(11, 19);
    item.append(time, " ", message["@message"]);
    list.append(item);
    if (message.type === "step_start" || message.type === "change_summary") {
      document.getElementById("sentence").textContent = message["@message"];
    }
    if (message.type === "end") {
      source.close();
      location.reload();
    }
  });
  source.addEventListener("bye", () => source.close());
}
