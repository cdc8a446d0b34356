// The build puts the picture's text into the bundle.
declare module '*.svg' {
  const text: string;
  export default text;
}
