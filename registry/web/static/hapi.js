// Draws the data of a HAPI server in the page, when somebody asks for it. Without a script, or where
// the browser does not reach the server, the links beside it lead to the same data.
"use strict";

const MOST_ROWS = 20000;
const MOST_BYTES = 20e6;
const MOST_LINES = 6;
const SECONDS = 30;
const SVG = "http://www.w3.org/2000/svg";

addEventListener("DOMContentLoaded", () => {
  for (const [number, place] of document.querySelectorAll(".hapi").entries()) {
    preview(place, `hapi-${number}`);
  }
});

function preview(place, id) {
  const form = element("form", { class: "hapi-form" });
  const start = field(form, `${id}-start`, "From", place.dataset.start);
  const stop = field(form, `${id}-stop`, "to", place.dataset.stop);
  const choice = element("span", { class: "hapi-field" });
  const chosen = element("select", { id: `${id}-parameter` });
  choice.append(element("label", { for: `${id}-parameter` }, "Parameter"), chosen);
  choice.hidden = true;
  const button = element("button", { type: "submit" }, "Draw it");
  form.append(choice, button);
  const said = element("p", { class: "hapi-said small", role: "status" });
  const picture = element("div", { class: "hapi-picture" });
  place.append(form, said, picture);

  let info = null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.textContent = "Asking the server …";
    try {
      if (!info) {
        info = await described(place.dataset.server, place.dataset.dataset);
        offer(chosen, info, place.dataset.keys.split(" "));
        choice.hidden = false;
      }
      await show(place.dataset, info, chosen.value, start, stop, said, picture);
    } catch (error) {
      picture.replaceChildren();
      said.textContent = worded(error);
    } finally {
      button.disabled = false;
    }
  });
  chosen.addEventListener("change", () => form.requestSubmit());
}

function field(form, id, text, value) {
  const input = element("input", {
    id, type: "text", value, size: "22", autocomplete: "off", spellcheck: "false", required: "",
  });
  const both = element("span", { class: "hapi-field" });
  both.append(element("label", { for: id }, text), input);
  form.append(both);
  return input;
}

function element(name, attributes = {}, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.textContent = text;
  return made;
}

class Refused extends Error {}

function worded(error) {
  if (error instanceof Refused) {
    return error.message;
  }
  if (error.name === "AbortError") {
    return `The server has not answered within ${SECONDS} s. The links lead to the same data.`;
  }
  return "Your browser does not reach the server, or it lets no other page have its data (CORS). " +
    "The links lead to the same data.";
}

// -- asking -------------------------------------------------------------------------------------

async function asked(address) {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), SECONDS * 1000);
  try {
    const answer = await fetch(address, {
      signal: ending.signal, credentials: "omit", referrerPolicy: "no-referrer",
    });
    return { ok: answer.ok, status: answer.status, text: await whole(answer) };
  } finally {
    clearTimeout(timer);
  }
}

async function whole(answer) {
  const reader = answer.body.getReader();
  const words = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return text + words.decode();
    }
    size += value.length;
    if (size > MOST_BYTES) {
      await reader.cancel();
      throw new Refused("That is more than can be drawn here: choose a shorter time.");
    }
    text += words.decode(value, { stream: true });
  }
}

// HAPI 2 calls it `id`, HAPI 3 `dataset` (and most servers of it know `id` too).
async function described(server, dataset) {
  let found = null;
  for (const name of ["id", "dataset"]) {
    const answer = await asked(`${server}/info?${new URLSearchParams({ [name]: dataset })}`);
    found = parsed(answer);
    if (found.parameters && answer.ok) {
      return found;
    }
  }
  throw new Refused(refusal(found));
}

function parsed(answer) {
  try {
    return JSON.parse(answer.text) || {};
  } catch {
    throw new Refused(`The server's answer is no HAPI (status ${answer.status}).`);
  }
}

function refusal(found) {
  const status = found && found.status;
  return status && status.message
    ? `The server says: ${status.message}${status.code ? ` (${status.code})` : ""}`
    : "The server describes no parameters.";
}

// -- what can be drawn --------------------------------------------------------------------------

function drawable(info) {
  return info.parameters.slice(1).filter(
    (one) => ["double", "integer"].includes(one.type) && (one.size || [1]).length === 1,
  );
}

function offer(chosen, info, keys) {
  const those = drawable(info);
  if (!those.length) {
    throw new Refused("The dataset has no numbers that can be drawn over time.");
  }
  for (const one of those) {
    const unit = typeof one.units === "string" && one.units ? ` (${one.units})` : "";
    chosen.append(element("option", { value: one.name }, `${one.name}${unit}`));
  }
  const known = those.find((one) => keys.includes(one.name));
  chosen.value = (known || those[0]).name;
}

function moment(text) {
  // HAPI's times: years, months, days (or days of the year) and times, cut at any place; UTC.
  const parts = /^(\d{4})(?:-(\d{3})(?!\d)|-(\d\d)(?:-(\d\d))?)?(?:T(\d\d)(?::?(\d\d)(?::?(\d\d(?:\.\d*)?))?)?)?Z?$/
    .exec(text.trim());
  if (!parts) {
    return NaN;
  }
  const [, year, dayOfYear, month, day, hour, minute, second] = parts;
  const date = new Date(0);
  date.setUTCFullYear(+year, dayOfYear ? 0 : (month || 1) - 1, dayOfYear ? +dayOfYear : +(day || 1));
  return date.getTime() + 1000 * (3600 * (hour || 0) + 60 * (minute || 0) + +(second || 0));
}

function seconds(duration) {
  const parts = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/
    .exec(duration || "");
  const each = [31557600, 2629800, 86400, 3600, 60, 1];
  return parts ? each.reduce((sum, size, at) => sum + size * (parts[at + 1] || 0), 0) : 0;
}

function written(time) {
  return new Date(time).toISOString().replace(/\.000Z$/, "Z");
}

function span(info, start, stop) {
  const first = Math.max(moment(start.value), moment(info.startDate || "") || -Infinity);
  let last = Math.min(moment(stop.value), moment(info.stopDate || "") || Infinity);
  if (Number.isNaN(moment(start.value)) || Number.isNaN(moment(stop.value))) {
    throw new Refused("Write times as 2003-10-28T06:00:00Z.");
  }
  if (!(first < last)) {
    throw new Refused(
      `The server has data from ${info.startDate} to ${info.stopDate}: choose a time between these.`,
    );
  }
  const step = seconds(info.cadence);
  const longest = Math.min(
    step ? MOST_ROWS * step : Infinity, seconds(info.maxRequestDuration) || Infinity,
  );
  const cut = last - first > 1000 * longest;
  if (cut) {
    last = first + 1000 * longest;
  }
  return { first, last, cut };
}

// -- data ---------------------------------------------------------------------------------------

async function show(where, info, name, start, stop, said, picture) {
  const parameter = info.parameters.find((one) => one.name === name);
  const { first, last, cut } = span(info, start, stop);
  const newer = parseInt(info.HAPI, 10) >= 3;
  const query = new URLSearchParams({
    [newer ? "dataset" : "id"]: where.dataset,
    parameters: name,
    [newer ? "start" : "time.min"]: written(first),
    [newer ? "stop" : "time.max"]: written(last),
    format: "csv",
  });
  const answer = await asked(`${where.server}/data?${query}`);
  if (!answer.ok) {
    let found = {};
    try {
      found = JSON.parse(answer.text);
    } catch {
      // Then its status alone says what there is to say.
    }
    throw new Refused(
      found.status ? refusal(found) : `The server answers with status ${answer.status}.`,
    );
  }
  const rows = read(answer.text, parameter);
  if (!rows.times.length) {
    throw new Refused(`There are no data from ${written(first)} to ${written(last)}.`);
  }
  const wide = Math.min(WIDEST, Math.max(NARROWEST, picture.clientWidth));
  picture.replaceChildren(drawn(parameter, rows, first, last, info.cadence, wide));
  said.textContent = summary(parameter, rows, first, last, cut);
}

function read(text, parameter) {
  const size = Math.min((parameter.size || [1])[0], MOST_LINES);
  const fill = parameter.fill === null || parameter.fill === undefined ? NaN : +parameter.fill;
  const rows = { times: [], lines: Array.from({ length: size }, () => []), missing: 0 };
  for (const line of text.split("\n")) {
    if (!line || line.startsWith("#")) {
      continue;
    }
    const cells = line.split(",");
    const time = moment(cells[0]);
    if (Number.isNaN(time)) {
      throw new Refused("The server's answer is no CSV of HAPI.");
    }
    rows.times.push(time);
    for (let at = 0; at < size; at += 1) {
      const cell = (cells[at + 1] || "").trim();
      const value = cell === "" ? NaN : Number(cell);
      const none = !Number.isFinite(value) || same(value, fill);
      rows.missing += none;
      rows.lines[at].push(none ? NaN : value);
    }
  }
  return rows;
}

// The fill value and the values may have gone through numbers of different precision.
function same(value, fill) {
  return value === fill || Math.abs(value - fill) < 1e-6 * Math.abs(fill);
}

function summary(parameter, rows, first, last, cut) {
  const number = rows.times.length;
  const values = number * rows.lines.length;
  const all = (parameter.size || [1])[0];
  const told = [`${number.toLocaleString("en")} records from ${written(first)} to ${written(last)}`];
  if (rows.missing) {
    told.push(`${rows.missing.toLocaleString("en")} of ${values.toLocaleString("en")} values are missing`);
  }
  if (all > rows.lines.length) {
    told.push(`${rows.lines.length} of ${all} components are drawn`);
  }
  if (cut) {
    told.push("the time was cut to what can be drawn");
  }
  return `${told.join("; ")}.`;
}

// -- drawing ------------------------------------------------------------------------------------

const WIDEST = 900;
const NARROWEST = 280;
const HIGH = 300;
const LEFT = 66;
const RIGHT = 22;
const TOP = 26;
const BOTTOM = 34;

function shape(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.textContent = text;
  return made;
}

function drawn(parameter, rows, first, last, cadence, wide) {
  const values = rows.lines.flat().filter((one) => !Number.isNaN(one));
  const [least, most] = spread(values);
  const x = (time) => LEFT + ((wide - LEFT - RIGHT) * (time - first)) / (last - first);
  const y = (value) => TOP + ((HIGH - TOP - BOTTOM) * (most - value)) / (most - least);
  const units = unit(parameter, 0);
  const title = `${parameter.name}${units ? ` in ${units}` : ""}`;
  const picture = shape("svg", {
    viewBox: `0 0 ${wide} ${HIGH}`, class: "hapi-plot", role: "img",
    "aria-label": `${title}, ${written(first)} to ${written(last)}, from ` +
      `${short(Math.min(...ends(values)))} to ${short(Math.max(...ends(values)))}`,
  });
  for (const value of ticks(least, most, 5)) {
    picture.append(
      shape("line", { class: "grid", x1: LEFT, x2: wide - RIGHT, y1: y(value), y2: y(value) }),
      shape("text", { class: "at-left", x: LEFT - 8, y: y(value) + 4 }, short(value)),
    );
  }
  for (const [time, text] of moments(first, last, wide / 110)) {
    picture.append(
      shape("line", { class: "grid", x1: x(time), x2: x(time), y1: TOP, y2: HIGH - BOTTOM }),
      shape("text", { class: "below", x: x(time), y: HIGH - BOTTOM + 20 }, text),
    );
  }
  picture.append(shape("text", { class: "title", x: LEFT, y: 16 }, title));
  const longest = 1.5 * (1000 * seconds(cadence) || step(rows.times));
  rows.lines.forEach((line, at) => {
    for (const path of paths(rows.times, line, x, y, longest)) {
      picture.append(shape("path", { class: `line-${at}`, d: path }));
    }
    if (rows.lines.length > 1) {
      const left = wide - 58 * (rows.lines.length - at) + 20;
      picture.append(
        shape("path", { class: `line-${at}`, d: `M${left - 16} 12h12` }),
        shape("text", { class: "key", x: left, y: 16 }, component(parameter, at)),
      );
    }
  });
  return picture;
}

function unit(parameter, at) {
  const units = Array.isArray(parameter.units) ? parameter.units.flat()[at] : parameter.units;
  return units && units !== "dimensionless" ? String(units) : "";
}

function component(parameter, at) {
  const labels = Array.isArray(parameter.label) ? parameter.label.flat() : [];
  return String(labels[at] || at + 1).slice(0, 8);
}

function ends(values) {
  let least = Infinity;
  let most = -Infinity;
  for (const one of values) {
    least = Math.min(least, one);
    most = Math.max(most, one);
  }
  return values.length ? [least, most] : [0, 0];
}

function spread(values) {
  const [least, most] = ends(values);
  const margin = (most - least) * 0.05 || Math.abs(most) * 0.1 || 1;
  return [least - margin, most + margin];
}

function ticks(least, most, number) {
  const rough = (most - least) / number;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const found = [];
  for (let at = Math.ceil(least / size); at * size <= most; at += 1) {
    found.push(at * size);
  }
  return found;
}

function short(value) {
  const big = Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3);
  return big ? value.toExponential(1) : String(+value.toPrecision(6));
}

const MINUTE = 60e3;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  1, 10, 100, 1e3, 2e3, 5e3, 1e4, 3e4, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY, 30 * DAY,
  91 * DAY, 365 * DAY, 1826 * DAY, 3652 * DAY,
];

function moments(first, last, most) {
  const size = STEPS.find((one) => (last - first) / one <= most) || 7305 * DAY;
  const found = [];
  for (let at = Math.ceil(first / size); at * size <= last; at += 1) {
    const text = written(at * size);
    found.push([at * size, size >= DAY ? text.slice(0, 10) : text.slice(...clock(size))]);
  }
  return found;
}

function clock(size) {
  return size >= MINUTE ? [11, 16] : [11, size >= 1000 ? 19 : 23];
}

// The usual distance of two records, where the server names no cadence.
function step(times) {
  const steps = times.slice(1).map((time, at) => time - times[at]).sort((one, two) => one - two);
  return steps.length ? 3 * steps[steps.length >> 1] : Infinity;
}

// Lines that end where values are missing or records are; of many in one place the extremes.
function paths(times, line, x, y, longest) {
  const found = [];
  let points = [];
  const close = () => {
    if (points.length) {
      found.push(path(thinned(points)));
    }
    points = [];
  };
  times.forEach((time, at) => {
    if (at && time - times[at - 1] > longest) {
      close();
    }
    if (Number.isNaN(line[at])) {
      close();
    } else {
      points.push([x(time), y(line[at])]);
    }
  });
  close();
  return found;
}

function thinned(points) {
  if (points.length < 4 * WIDEST) {
    return points;
  }
  const found = [];
  for (let at = 0; at < points.length; ) {
    const column = Math.floor(points[at][0] * 2);
    const here = [];
    while (at < points.length && Math.floor(points[at][0] * 2) === column) {
      here.push(points[at]);
      at += 1;
    }
    const least = here.reduce((one, two) => (two[1] < one[1] ? two : one));
    const most = here.reduce((one, two) => (two[1] > one[1] ? two : one));
    found.push(...(least[0] <= most[0] ? [least, most] : [most, least]));
  }
  return found;
}

function path(points) {
  const [first, ...others] = points.map(([left, top]) => `${left.toFixed(1)} ${top.toFixed(1)}`);
  // A single value is a dot: a line of no length with round ends.
  return `M${first}${others.length ? `L${others.join("L")}` : "h0"}`;
}
