"use strict";
// Shows openapi.json. Text goes in as text, never as HTML.
function el(tag, text, ...children) {
  const e = document.createElement(tag);
  if (text) e.textContent = text;
  e.append(...children);
  return e;
}

// shape writes a schema as the JSON that it describes.
function shape(doc, schema, depth) {
  if (!schema) return "any";
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return depth > 4 ? name : shape(doc, doc.components.schemas[name], depth);
  }
  if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(" | ");
  const types = [].concat(schema.type || "any");
  const pad = "  ".repeat(depth + 1);
  if (types.includes("array")) return "[" + shape(doc, schema.items, depth) + ", …]";
  if (types.includes("object") && schema.properties) {
    const required = new Set(schema.required || []);
    const lines = Object.entries(schema.properties).map(([name, p]) =>
      pad + JSON.stringify(name) + (required.has(name) ? "" : "?") + ": " + shape(doc, p, depth + 1) +
      (p.description ? "  // " + p.description : ""));
    return "{\n" + lines.join("\n") + "\n" + "  ".repeat(depth) + "}";
  }
  return types.join(" | ") + (schema.format ? " (" + schema.format + ")" : "");
}

function body(doc, title, content) {
  const json = content && Object.values(content)[0];
  return json && json.schema ? [el("p", title), el("pre", shape(doc, json.schema, 0))] : [];
}

function operation(doc, method, path, op) {
  const d = el("details", "", el("summary", "", el("b", method.toUpperCase()), el("code", path), el("span", op.summary)));
  if (op.description) d.append(el("p", op.description));
  if (op.parameters) {
    const rows = op.parameters.map((p) =>
      el("tr", "", el("td", p.in), el("td", "", el("code", p.name)), el("td", shape(doc, p.schema, 0)), el("td", p.description || "")));
    d.append(el("table", "", ...rows));
  }
  if (op.requestBody) d.append(...body(doc, "Body", op.requestBody.content));
  for (const [status, r] of Object.entries(op.responses || {})) {
    if (status !== "default") d.append(...body(doc, "Answer " + status, r.content));
  }
  return d;
}

fetch("openapi.json").then((r) => r.json()).then((doc) => {
  const out = document.getElementById("out");
  out.replaceChildren(...doc.info.description.split("\n\n").map((p) => el("p", p)));
  const groups = new Map();
  for (const [path, methods] of Object.entries(doc.paths)) {
    for (const [method, op] of Object.entries(methods)) {
      const tag = (op.tags || ["other"])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(doc, method, path, op));
    }
  }
  for (const tag of [...groups.keys()].sort()) out.append(el("h2", tag), ...groups.get(tag));
}).catch(() => {
  document.getElementById("out").textContent = "openapi.json cannot be read.";
});
