// The box to call, publish and subscribe by hand.

const LINES = 200;
const element = id => document.getElementById(id);

/** Adds a line to the log. */
export function log(what, text, isError = false) {
  const line = document.createElement("li");
  const head = document.createElement("span");
  head.className = "what";
  head.textContent = `${new Date().toLocaleTimeString()} ${what} `;
  const tail = document.createElement("span");
  tail.textContent = text;
  if (isError) tail.className = "error";
  line.append(head, tail);
  const list = element("log");
  list.prepend(line);
  while (list.childElementCount > LINES) list.lastElementChild.remove();
}

/** What stands in a field as JSON; `kind` says what it has to be. */
function parse(id, kind) {
  const text = element(id).value.trim();
  if (text === "") return kind === "list" ? [] : {};
  const value = JSON.parse(text);
  const isRight = kind === "list" ? Array.isArray(value)
                                  : value !== null && typeof value === "object" && !Array.isArray(value);
  if (!isRight) throw new Error(`a JSON ${kind} is wanted: ${text}`);
  return value;
}

function payload(args, kwargs) {
  return [args.length > 0 ? JSON.stringify(args) : "", Object.keys(kwargs).length > 0 ? JSON.stringify(kwargs) : ""]
    .filter(Boolean).join(" ") || "(nothing)";
}

function onSubmit(id, what, getSession, act) {
  element(id).addEventListener("submit", async event => {
    event.preventDefault();
    try {
      const session = getSession();
      if (session === null) throw new Error("not joined");
      await act(session);
    } catch (error) {
      log(what, error.message, true);
    }
  });
}

async function subscribe(session) {
  const topic = element("subscribeTopic").value.trim();
  const match = element("subscribeMatch").value;
  const handler = (args, kwargs, details) => log(`event ${details?.topic ?? topic}`, payload(args, kwargs));
  const subscription = await session.subscribe(topic, handler, match);
  log("subscribed", topic);
  const button = document.createElement("button");
  Object.assign(button, {type: "button", className: "quiet", textContent: `${topic} ×`, title: "unsubscribe"});
  button.addEventListener("click", async () => {
    button.remove();
    await session.unsubscribe(subscription).catch(() => {});  // the session has ended
  });
  element("mine").append(button);
}

/** `getSession`: the session of now, or null. */
export function byHand(getSession) {
  onSubmit("call", "call", getSession, async session => {
    const procedure = element("procedure").value.trim();
    const {args, kwargs} = await session.call(procedure, parse("callArgs", "list"), parse("callKwargs", "object"));
    log(procedure, payload(args, kwargs));
  });
  onSubmit("publish", "publish", getSession, async session => {
    const topic = element("publishTopic").value.trim();
    await session.publish(topic, parse("publishArgs", "list"), parse("publishKwargs", "object"));
    log("published", topic);
  });
  onSubmit("subscribe", "subscribe", getSession, subscribe);
}
