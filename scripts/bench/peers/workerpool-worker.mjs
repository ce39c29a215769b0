import workerpool from 'workerpool';
import { job } from './job.mjs';

workerpool.worker({ job });
