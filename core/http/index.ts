export { createHttpServer, type Health, type HttpServer, type HttpServerOptions } from './server.ts'
