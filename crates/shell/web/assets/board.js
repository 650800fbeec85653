// Writes the board's figures as they come. Without it the page is loaded again by itself.
"use strict";

const board = document.getElementById("board");
const word = (key) => document.querySelector(`#words [data-word="${key}"]`)?.textContent ?? key.split(".").pop();

function put(name, text) {
  for (const place of board.querySelectorAll(`[data-figure="${name}"]`)) place.textContent = text;
}

const share = (value) => (value === null ? "—" : `${(value * 100).toFixed(1)} %`);

function item(...texts) {
  const line = document.createElement("li");
  for (const text of texts) {
    const part = document.createElement("span");
    part.textContent = `${text} `;
    line.append(part);
  }
  return line;
}

function show(now) {
  put("at", new Date(now.at).toLocaleTimeString());
  put("calling", word(now.calling ? "board.calling_on" : "board.calling_off"));
  put("calls_last_minute", now.calls_last_minute);
  put("answer_rate", share(now.hour.answer_rate));
  put("answered", `${now.hour.answered} / ${now.hour.calls}`);
  put("tasks_due", now.tasks_due);
  put("queue_open", now.queue.open);
  put("queue_taken", now.queue.taken);
  put("queue_overdue", now.queue.overdue);
  put("queue_oldest", now.queue.oldest_seconds === null ? "—" : Math.floor(now.queue.oldest_seconds / 60));
  for (const trunk of now.trunks) {
    const row = board.querySelector(`[data-trunk="${CSS.escape(trunk.name)}"]`);
    if (!row) continue;
    row.querySelector("[data-of=busy]").textContent = trunk.busy;
    row.querySelector("[data-of=here]").textContent = trunk.busy_here;
    row.querySelector("[data-of=state]").textContent = word(`trunk.${trunk.state}`);
    row.querySelector("[data-of=state]").className = `tag ${trunk.state === "up" ? "good" : "bad"}`;
    row.querySelector("progress").value = trunk.busy;
  }
  const today = new Map(now.outcomes_today.map((count) => [count.name, count.count]));
  const most = Math.max(1, ...today.values());
  for (const row of board.querySelectorAll("[data-outcome]")) {
    const count = today.get(row.dataset.outcome) ?? 0;
    row.hidden = count === 0;
    row.querySelector("[data-of=count]").textContent = count;
    row.querySelector("progress").max = most;
    row.querySelector("progress").value = count;
  }
  const alarms = now.alarms.map((alarm) => item(word(`alarm.${alarm.name}`), alarm.trunk, alarm.what));
  document.getElementById("alarms").replaceChildren(...alarms);
  document.getElementById("no-alarms").hidden = alarms.length > 0;
}

function happened(event) {
  const told = JSON.parse(event.data);
  const about = told.reason ? word(`reason.${told.reason}`) : told.cause ? word(`cause.${told.cause}`) : told.name ? word(`alarm.${told.name}`) : "";
  const list = document.getElementById("happenings");
  list.prepend(item(new Date().toLocaleTimeString(), word(`board.${event.type}`), about, told.trunk ?? ""));
  while (list.children.length > 20) list.lastElementChild.remove();
}

let events = null;

function listen() {
  if (events) return;
  events = new EventSource("/api/v1/events");
  const lost = document.getElementById("lost");
  events.onopen = () => (lost.hidden = true);
  events.onerror = () => {
    lost.hidden = false;
    // Refused for good: the login is over.
    if (events.readyState === EventSource.CLOSED) location.reload();
  };
  events.addEventListener("board", (event) => show(JSON.parse(event.data)));
  for (const name of ["attempt_opened", "attempt_ended", "callback_queued", "callback_taken", "callback_closed", "alarm_raised", "alarm_cleared"]) {
    events.addEventListener(name, happened);
  }
  events.addEventListener("missed", () => {
    document.getElementById("happenings").prepend(item(new Date().toLocaleTimeString(), word("board.missed")));
  });
}

// Who does not look needs no line: a browser has few for one house.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    events?.close();
    events = null;
  } else listen();
});
listen();
