/** How much a fault test does: little in `npm test`, all of it in `npm run test:fault`. */
export function scaled(little: number, all: number): number {
  return process.env.MORU_LONG ? all : little
}
