/**
 * Assembler of a library that has libicu's functions under the names of one major and hands each call to those of another:
 * `ucol_open_60: jmp ucol_open_76@PLT`. Arguments and results pass through untouched.
 */
export function forwardingSource(symbols: readonly string[], from: number, to: number): string {
  const functions = symbols.toSorted().map((symbol) => {
    const target = forwardedName(symbol, from, to);
    return `.globl ${symbol}\n.type ${symbol}, @function\n${symbol}:\n\tjmp ${target}@PLT\n.size ${symbol}, .-${symbol}\n`;
  });
  return `.text\n${functions.join('')}.section .note.GNU-stack,"",@progbits\n`;
}

/** The name of a function of libicu in another major: `ucol_open_60` is `ucol_open_76`. */
export function forwardedName(symbol: string, from: number, to: number): string {
  return symbol.replace(new RegExp(`_${String(from)}$`), `_${String(to)}`);
}

/** Whether a name is one that libicu's C functions of a major bear. C++ ones have it elsewhere in their names. */
export function isForwardable(symbol: string, major: number): boolean {
  return !symbol.startsWith('_Z') && symbol.endsWith(`_${String(major)}`);
}

/** Whether a name is of libicu of a major, C or C++. */
export function isOfIcu(symbol: string, major: number): boolean {
  return isForwardable(symbol, major) || symbol.includes(`icu_${String(major)}`);
}
