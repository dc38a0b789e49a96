export { createPublicPages, type PublicPagesOptions } from './pages.ts'
export { createHttpServer, type Health, type HttpServer, type HttpServerOptions } from './server.ts'
