import { formatCount } from '../base/units.ts';
import type { RenderOptions } from './render-options.ts';

/** Says how many events are missing, unless none is. */
export function lostNote(options: Pick<RenderOptions, 'lost'>): string[] {
  return options.lost === undefined || options.lost === 0 ? [] : [`${formatCount(options.lost)} events lost`];
}
