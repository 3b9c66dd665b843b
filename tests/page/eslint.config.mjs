import js from '@eslint/js';

/** What the page uses of a browser. */
const BROWSER = [
  'AbortController', 'AbortSignal', 'addEventListener', 'Blob', 'clearTimeout', 'DecompressionStream', 'devicePixelRatio',
  'document', 'Element', 'fetch', 'getComputedStyle', 'history', 'HTMLCanvasElement', 'HTMLElement', 'HTMLInputElement', 'innerHeight',
  'localStorage', 'location', 'matchMedia', 'navigator', 'Node', 'requestAnimationFrame', 'ResizeObserver', 'Response',
  'scrollBy', 'scrollTo', 'scrollY', 'setInterval', 'setTimeout', 'SVGElement', 'URL', 'URLSearchParams', 'window',
];

export default [
  js.configs.recommended,
  {
    files: ['page.js'],
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: 'script',
      globals: Object.fromEntries(BROWSER.map((name) => [name, 'readonly'])),
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-control-regex': 'off', // Characters that cannot be seen are looked for.
      'no-shadow': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
];
