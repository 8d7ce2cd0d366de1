// Small charts: the last minute of one figure, as SVG.

const SVG = "http://www.w3.org/2000/svg";
const POINTS = 60;

export class Chart {
  #values = [];
  #line = document.createElementNS(SVG, "path");
  #area = document.createElementNS(SVG, "path");
  #now = document.createElement("b");

  /** `show` turns a figure into text. */
  constructor(parent, id, title, show) {
    this.show = show;
    const box = document.createElement("div");
    box.className = "chart";
    box.id = id;
    const name = document.createElement("span");
    name.textContent = title;
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", `0 0 ${POINTS - 1} 40`);
    picture.setAttribute("preserveAspectRatio", "none");
    picture.setAttribute("aria-hidden", "true");
    this.#area.setAttribute("class", "area");
    picture.append(this.#area, this.#line);
    this.#now.textContent = "–";
    box.append(name, this.#now, picture);
    parent.append(box);
  }

  add(value) {
    this.#values.push(value);
    if (this.#values.length > POINTS) this.#values.shift();
    this.#now.textContent = this.show(value);
    const most = Math.max(...this.#values, 1e-9);
    const first = POINTS - this.#values.length;
    const points = this.#values.map((each, i) => `${first + i} ${(38 - 36 * each / most).toFixed(2)}`);
    this.#line.setAttribute("d", "M" + points.join("L"));
    this.#area.setAttribute("d", `M${first} 40L${points.join("L")}L${POINTS - 1} 40Z`);
  }
  clear() {
    this.#values = [];
    this.#line.removeAttribute("d");
    this.#area.removeAttribute("d");
    this.#now.textContent = "–";
  }
}
