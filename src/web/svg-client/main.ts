import { Viewer } from './viewer.ts';

// The script is a child of the picture it belongs to, whatever else is on the page.
const root = document.currentScript?.closest('svg');
if (root instanceof SVGSVGElement) new Viewer(root);
