import { DIFF_STEPS, darkTheme, type FrameKind, lightTheme, type Theme } from './palette.ts';

/** The class of the outermost element; every rule is below it, so that a page with pictures in it keeps its own look. */
export const SVG_CLASS = 'ks-flamegraph';

/** Writes the style sheet of a picture: light, dark, high contrast, forced colours and print, all by media query. */
export function svgStyle(): string {
  const self = `.${SVG_CLASS}`;
  return [
    `${self}{${variables(lightTheme)};background:var(--ks-background);color:var(--ks-text)}`,
    `@media screen and (prefers-color-scheme:dark){${self}{${variables(darkTheme)};color-scheme:dark}}`,
    `@media print{${self}{print-color-adjust:exact}${self} .bar{display:none}}`,
    `${self} text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--ks-label);white-space:pre;pointer-events:none}`,
    `${self} .page{fill:var(--ks-background)}`,
    `${self} text.title{font:600 17px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;fill:var(--ks-text)}`,
    `${self} text.note{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;fill:var(--ks-muted)}`,
    `${self} text.found{fill:var(--ks-match-label)}`,
    `${self} .rest{fill:var(--ks-muted);opacity:.55}`,
    `${self} .match{fill:var(--ks-match)}`,
    ...fillRules(self),
    `${self} .hover{fill:none;stroke:var(--ks-text);stroke-width:1.5;pointer-events:none}`,
    `${self} [role=treeitem]{outline:none}`,
    `${self} [role=treeitem] rect{fill:none;stroke:none;pointer-events:none}`,
    `${self} [role=treeitem]:focus rect{stroke:var(--ks-text);stroke-width:2.5}`,
    `${self} .plot{cursor:pointer}`,
    ...barRules(self),
    `@media (prefers-contrast:more){${self}{--ks-muted:var(--ks-text);--ks-line:var(--ks-text)}${self} .plot path{stroke:var(--ks-text);stroke-width:.5;vector-effect:non-scaling-stroke}}`,
    `@media (forced-colors:active){${self}{--ks-background:Canvas;--ks-text:CanvasText;--ks-muted:CanvasText;--ks-label:CanvasText;--ks-line:CanvasText;--ks-match:Highlight;--ks-match-label:HighlightText}${self} .plot path{stroke:CanvasText;stroke-width:.5;vector-effect:non-scaling-stroke}${self} .plot path:not(.match){fill:Canvas}}`,
  ].join('\n');
}

/** Class of a frame by its kind and shade, and of a step of a difference, from -4 (less) to 4 (more). */
export function fillClass(kind: FrameKind, shade: number): string {
  return `${kind}${shade}`;
}

export function stepClass(step: number): string {
  return step < 0 ? `less${-step}` : step > 0 ? `more${step}` : 'same';
}

function variables(theme: Theme): string {
  const fills = Object.entries(theme.fills).flatMap(([kind, shades]) =>
    shades.map((fill, shade) => `--ks-${fillClass(kind as FrameKind, shade)}:${fill}`),
  );
  const steps = theme.steps.map((fill, index) => `--ks-${stepClass(index - DIFF_STEPS)}:${fill}`);
  const { background, text, muted, label, line, match, matchLabel } = theme;
  return [
    `--ks-background:${background};--ks-text:${text};--ks-muted:${muted};--ks-label:${label}`,
    `--ks-line:${line};--ks-match:${match};--ks-match-label:${matchLabel}`,
    ...fills,
    ...steps,
  ].join(';');
}

function fillRules(self: string): string[] {
  const names = [
    ...Object.entries(lightTheme.fills).flatMap(([kind, shades]) =>
      shades.map((_, shade) => fillClass(kind as FrameKind, shade)),
    ),
    ...lightTheme.steps.map((_, index) => stepClass(index - DIFF_STEPS)),
  ];
  return names.map((name) => `${self} .${name}{fill:var(--ks-${name})}`);
}

function barRules(self: string): string[] {
  const bar = `${self} .bar`;
  return [
    `${bar}{box-sizing:border-box;height:100%;background:var(--ks-background);color:var(--ks-text);font:13px/1.3 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;padding:4px 1%}`,
    `${bar} .tools{display:flex;gap:6px;align-items:center;height:30px;overflow:hidden}`,
    `${bar} input,${bar} button,${self} .menu button{font:inherit;color:inherit;background:var(--ks-background);border:1px solid var(--ks-line);border-radius:5px;height:26px;padding:0 9px;margin:0;white-space:nowrap}`,
    `${bar} input{flex:1 1 180px;min-width:80px;max-width:340px}`,
    `${bar} button,${self} .menu button{cursor:pointer}`,
    `${bar} button:disabled{opacity:.45;cursor:default}`,
    `${bar} button:hover:not(:disabled),${self} .menu button:hover{border-color:var(--ks-text)}`,
    `${bar} button[aria-pressed=true]{background:var(--ks-text);color:var(--ks-background);border-color:var(--ks-text)}`,
    `${bar} :focus-visible,${self} .menu :focus-visible{outline:2px solid var(--ks-text);outline-offset:1px}`,
    `${bar} .found{white-space:nowrap;font-variant-numeric:tabular-nums;color:var(--ks-muted)}`,
    `${bar} .space{flex:1}`,
    `${bar} .details{height:24px;line-height:24px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;font-variant-numeric:tabular-nums}`,
    `${bar} .details b{font:600 12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}`,
    `${self} .menu{position:absolute;display:flex;flex-direction:column;gap:2px;background:var(--ks-background);color:var(--ks-text);border:1px solid var(--ks-line);border-radius:7px;padding:5px;font:13px/1.3 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;box-shadow:0 4px 18px #0005}`,
    `${self} .menu button{text-align:left;border-color:transparent}`,
    `${self} .menu dl{display:grid;grid-template-columns:auto auto;gap:3px 18px;margin:6px 10px}`,
    `${self} .menu dt{color:var(--ks-muted)}`,
    `${self} .menu dd{margin:0}`,
    `${self} .menu kbd{float:right;margin-left:18px;color:var(--ks-muted);font:inherit}`,
  ];
}
