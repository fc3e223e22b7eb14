// A program of its own, for ensureCa: makes the CA of the data directory that it is given.
import { certificateAuthority } from './certificates.ts';

const [dataDir] = process.argv.slice(2);
if (!dataDir) throw new Error('It takes a data directory.');
certificateAuthority(dataDir);
