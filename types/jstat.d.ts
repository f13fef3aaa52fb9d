/** What kernelscope uses of jstat, which brings no types of its own. */
declare module 'jstat' {
  const jStat: {
    readonly studentt: {
      /** Part of Student's distribution of so many degrees of freedom that is below `x`. */
      cdf(x: number, degrees: number): number;
      inv(p: number, degrees: number): number;
    };
  };
  // biome-ignore lint/style/noDefaultExport: it is what jstat has
  export default jStat;
}
