import { describe, expect, test } from 'vitest';
import {
  DIFF_STEPS,
  darkTheme,
  kindOf,
  lightTheme,
  SHADES,
  shadeOf,
} from '../../../src/core/render/palette.ts';

/** Contrast of two colours by the formula of WCAG 2.2. */
function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Blue and orange are told apart by those who see no difference of red and green. */
function tone(color: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  if (blue! > green! && green! > red!) return 'blue';
  return red! > green! && green! > blue! ? 'orange' : color;
}

describe.each([
  ['light', lightTheme],
  ['dark', darkTheme],
] as const)('the %s theme', (_, theme) => {
  test('has text of a contrast of 4.5 or more on everything', () => {
    for (const fill of [...Object.values(theme.fills).flat(), ...theme.steps]) {
      expect(contrast(theme.label, fill), fill).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(theme.matchLabel, theme.match)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(theme.text, theme.background)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(theme.muted, theme.background)).toBeGreaterThanOrEqual(4.5);
  });

  test('is blue, the kernel orange; less is blue, more is orange', () => {
    expect(theme.fills.plain.map(tone)).toEqual(Array(SHADES).fill('blue'));
    expect(theme.fills.kernel.map(tone)).toEqual(Array(SHADES).fill('orange'));
    const [less, more] = [theme.steps.slice(0, DIFF_STEPS), theme.steps.slice(DIFF_STEPS + 1)];
    expect(less.map(tone)).toEqual(Array(DIFF_STEPS).fill('blue'));
    expect(more.map(tone)).toEqual(Array(DIFF_STEPS).fill('orange'));
  });

  test('has as many shades of each kind as there are', () => {
    for (const shades of Object.values(theme.fills)) expect(shades).toHaveLength(SHADES);
  });
});

test('tells what a frame is by the mark at its end', () => {
  expect(['a_[k]', 'a_[w]', 'a_[i]', 'a_[j]', 'a', '--', '[unknown]', 'a[0]'].map(kindOf)).toEqual([
    'kernel',
    'waker',
    'inlined',
    'jitted',
    'plain',
    'none',
    'none',
    'plain',
  ]);
});

test('chooses every shade, always the same for a name', () => {
  const shades = Array.from({ length: 200 }, (_, index) => shadeOf(`function_${index}`));
  expect(new Set(shades).size).toBe(SHADES);
  expect(shadeOf('schedule')).toBe(shadeOf('schedule'));
});
