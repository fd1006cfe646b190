/** What makes a file readable, by what of it is not: a voice loses nothing as WAV, a picture little. */
export const COMMANDS = {
  audio: (ending: string) => `ffmpeg -i in${ending} -vn out.wav`,
  video: (ending: string) => `ffmpeg -i in${ending} -c:v libx264 -crf 16 -pix_fmt yuv420p -c:a aac out.mp4`,
  soundOfVideo: (ending: string) => `ffmpeg -i in${ending} -c:v copy -c:a aac out.mp4`,
};
