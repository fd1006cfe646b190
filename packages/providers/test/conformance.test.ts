import { describeProviderConformance } from '../testing/conformance/suite.js';
import { eachlabsBearerSubject, eachlabsSubject } from './harness/eachlabs.js';
import { falSubject } from './harness/fal.js';
import { vibedreamSubject } from './harness/vibedream.js';
import { wavespeedMultiSubject, wavespeedSubject } from './harness/wavespeed.js';

describeProviderConformance(vibedreamSubject);
describeProviderConformance(eachlabsSubject);
describeProviderConformance(eachlabsBearerSubject);
describeProviderConformance(wavespeedSubject);
describeProviderConformance(wavespeedMultiSubject);
describeProviderConformance(falSubject);
