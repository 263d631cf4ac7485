/** Version of the wire. A client of another major number is told so and nothing is guessed. */
export const protocolVersion = "1.0.0";
