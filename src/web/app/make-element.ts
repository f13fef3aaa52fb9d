type AttributeValue = string | number | boolean | undefined;
type Attributes = Readonly<Record<string, AttributeValue>>;
type Listeners = {
  readonly [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void;
};
export type Child = Node | string;

/**
 * Makes an HTML element. Children that are strings become text, never markup. A true attribute is there without a
 * value, a false or undefined one is not there.
 */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  children: readonly Child[] = [],
  listeners: Listeners = {},
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  setAttributes(element, attributes);
  element.append(...children);
  for (const [type, listener] of Object.entries(listeners)) {
    element.addEventListener(type, listener as EventListener);
  }
  return element;
}

/** Makes a button that does one thing; the title is what it says when pointed at. */
export function makeButton(label: string, title: string, run: () => void, attributes: Attributes = {}) {
  return make('button', { type: 'button', title, ...attributes }, [label], { click: run });
}

/** Sets attributes, as `make` takes them. */
export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

let lastId = 0;

/** Gives an id that no other element of the page has. */
export function freshId(): string {
  return `k${++lastId}`;
}
