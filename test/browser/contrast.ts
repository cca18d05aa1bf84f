/** Measures in the page how well every visible text stands out from what is behind it (WCAG 2.2, 1.4.3). */

/** Evaluates to the texts whose contrast is below AA: 4.5, or 3 for large or bold-large text. */
export const lowContrastScript = `(() => {
  const parse = (text) => { const m = /rgba?\\(([^)]+)\\)/.exec(text); if (!m) return [0, 0, 0, 0]; const [r, g, b, a = 1] = m[1].split(/[ ,/]+/).map(Number); return [r, g, b, a]; };
  const over = (top, under) => { const a = top[3]; return [0, 1, 2].map((i) => top[i] * a + under[i] * (1 - a)).concat(1); };
  const luminance = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { const s = v / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const backgroundOf = (element) => { const chain = []; for (let e = element; e; e = e.parentElement) chain.push(parse(getComputedStyle(e).backgroundColor)); return chain.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]); };
  const opacityOf = (element) => { let o = 1; for (let e = element; e; e = e.parentElement) o *= Number(getComputedStyle(e).opacity); return o; };
  const low = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].filter((n) => n.nodeType === 3 && n.textContent.trim() !== "").map((n) => n.textContent.trim()).join(" ");
    if (own === "" || element.closest(".visually-hidden") || element.getClientRects().length === 0 || element.closest("svg")) continue;
    const style = getComputedStyle(element);
    const background = backgroundOf(element);
    const colour = parse(style.color);
    colour[3] *= opacityOf(element);
    const [a, b] = [luminance(over(colour, background)), luminance(background)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const px = parseFloat(style.fontSize);
    const isLarge = px >= 24 || (px >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) low.push({ text: own.slice(0, 40), ratio: Math.round(ratio * 100) / 100, className: element.className });
  }
  return low;
})()`;
