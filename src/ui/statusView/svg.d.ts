// The build inlines the SVG as text.
declare module '*.svg' {
  const text: string;
  export default text;
}
