import { onPlatform } from '../harness/platform-benchmark.js'

export default onPlatform('discord')
