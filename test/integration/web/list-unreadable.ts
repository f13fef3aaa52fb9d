/** What is needed of the browser's types, which tests are checked without. */
interface Styled {
  readonly parentElement: Styled | null;
  readonly textContent: string | null;
  readonly childNodes: Iterable<{ readonly nodeType: number; readonly textContent: string | null }>;
  readonly ownerDocument: {
    readonly defaultView: {
      getComputedStyle(element: Styled): { readonly color: string; readonly backgroundColor: string };
    };
  };
  querySelectorAll(selector: string): Iterable<Styled>;
  checkVisibility(): boolean;
  matches(selector: string): boolean;
}

/**
 * Lists the texts below an element whose contrast with their background is below 4.5:1, as WCAG 2 measures it.
 * Runs in the page, so that all it needs is inside.
 */
export function listUnreadable(body: unknown): string[] {
  const root = body as Styled;
  const styleOf = (element: Styled) => root.ownerDocument.defaultView.getComputedStyle(element);
  const parse = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const backgroundOf = (element: Styled): number[] => {
    for (let at: Styled | null = element; at !== null; at = at.parentElement) {
      const parts = parse(styleOf(at).backgroundColor);
      if (parts.length === 3 || parts[3] === 1) return parts.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const luminance = (rgb: number[]) => {
    const [red, green, blue] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const unreadable: string[] = [];
  for (const element of root.querySelectorAll('*')) {
    const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
    if (!ownText || !element.checkVisibility() || element.matches(':disabled, option, noscript')) continue;
    const lights = [luminance(parse(styleOf(element).color).slice(0, 3)), luminance(backgroundOf(element))];
    const contrast = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
    if (contrast < 4.5) unreadable.push(`${contrast.toFixed(2)}: ${element.textContent}`);
  }
  return unreadable;
}
