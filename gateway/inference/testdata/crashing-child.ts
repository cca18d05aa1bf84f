/** A child that cannot start, as on a processor that the runtime does not know. */

process.exit(1);
