/** Rasterises a chart, twice its size, so that it is sharp on paper. Text needs a font on the box. */
export async function toPng(svg: string): Promise<Uint8Array> {
  // Loaded here alone: it is a native library of 4 MB.
  const { Resvg } = await import("@resvg/resvg-js");
  const font = { loadSystemFonts: true, defaultFontFamily: "DejaVu Sans" };
  return new Resvg(svg, { fitTo: { mode: "zoom", value: 2 }, font }).render().asPng();
}
