#!/usr/bin/env bash
# Makes the files of this folder again. Needs ffmpeg; the tests do not.
set -euo pipefail
cd "$(dirname "$0")"
quiet=(ffmpeg -v error -y)
picture=(-f lavfi -i testsrc=s=160x90:r=25:d=2)
tone=(-f lavfi -i sine=440:d=2:sample_rate=44100)
small=(-c:v libx264 -preset veryslow -crf 35 -pix_fmt yuv420p -c:a aac -b:a 32k -map_metadata -1 -fflags +bitexact)

# Frames stored out of order, two seconds without a second key frame, index at the end.
"${quiet[@]}" "${picture[@]}" "${tone[@]}" "${small[@]}" -bf 3 index-last.mp4
"${quiet[@]}" -i index-last.mp4 -c copy -movflags frag_keyframe+empty_moov+default_base_moof -frag_duration 500000 -fflags +bitexact fragments.mp4
"${quiet[@]}" -i index-last.mp4 -c copy -fflags +bitexact quicktime.mov
"${quiet[@]}" -f lavfi -i sine=900:d=1.5:sample_rate=44100 -c:a aac -b:a 32k -map_metadata -1 -fflags +bitexact high-tone.m4a
# Two languages, an index at the start, and tags of every kind: chapters would be a track of their own.
"${quiet[@]}" -i index-last.mp4 -i high-tone.m4a -map 0:v -map 0:a -map 1:a -c copy -metadata title=Old -metadata comment=Kept \
  -metadata:s:a:0 language=eng -metadata:s:a:1 language=spa -metadata:s:a:1 handler_name=Second \
  -movflags +faststart -fflags +bitexact two-sounds.mp4
printf ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n' > chapters.txt
"${quiet[@]}" -i index-last.mp4 -i chapters.txt -map 0 -map_metadata 1 -c copy -fflags +bitexact chapters.mp4
rm chapters.txt
"${quiet[@]}" "${picture[@]}" "${tone[@]}" -c:v libvpx-vp9 -crf 55 -b:v 0 -c:a libopus -b:a 24k -map_metadata -1 -fflags +bitexact vp9.webm
"${quiet[@]}" -f lavfi -i testsrc=s=32x32:r=5:d=1 -c:v libvpx -crf 60 -b:v 20k -map_metadata -1 -fflags +bitexact vp8.webm
"${quiet[@]}" -i vp9.webm -c copy -live 1 -fflags +bitexact live.webm
"${quiet[@]}" "${tone[@]}" -c:a libopus -b:a 24k -map_metadata -1 -fflags +bitexact opus.ogg
"${quiet[@]}" "${tone[@]}" -c:a flac -sample_fmt s16 -map_metadata -1 -fflags +bitexact tone.flac
"${quiet[@]}" "${tone[@]}" -c:a aac -b:a 32k -map_metadata -1 -fflags +bitexact tone.aac
"${quiet[@]}" -f lavfi -i sine=440:d=0.2:sample_rate=8000 -c:a alac -map_metadata -1 -fflags +bitexact lossless.m4a
"${quiet[@]}" -f lavfi -i testsrc=s=16x16:r=25:d=0.04 -c:v mpeg2video -map_metadata -1 -fflags +bitexact mpeg2.mov
"${quiet[@]}" -i index-last.mp4 -f lavfi -i sine=440:d=0.2:sample_rate=8000 -map 0:v -map 1:a -c:v copy -c:a alac -t 0.2 -fflags +bitexact lossless-sound.mov
"${quiet[@]}" -f lavfi -i sine=300:d=2:sample_rate=22050 -c:a libmp3lame -b:a 24k -map_metadata -1 -fflags +bitexact low-tone.mp3
"${quiet[@]}" -f lavfi -i sine=900:d=1.5:sample_rate=22050 -c:a libmp3lame -b:a 24k -map_metadata -1 -fflags +bitexact high-tone.mp3
"${quiet[@]}" -f lavfi -i anullsrc=r=48000:cl=5.1 -t 1 -c:a aac -map_metadata -1 -fflags +bitexact silent-surround.m4a
"${quiet[@]}" -f lavfi -i anullsrc=r=44100:cl=stereo -t 1 -c:a aac -map_metadata -1 -fflags +bitexact silent.aac
"${quiet[@]}" -f lavfi -i sine=440:d=1 -af "pan=stereo|c1=c0,volume=enable='lt(t,0.5)':volume=0" -c:a aac -b:a 32k -map_metadata -1 -fflags +bitexact late-right.m4a
# Silence, and sound in its last quarter, of each codec and container that is told apart by decoding.
for made in silent-opus.webm silent-opus.mp4 silent-vorbis.ogg silent-vorbis.webm silent-flac.flac silent-flac.mp4 \
  silent-ac3.mp4 silent-eac3.mov silent-pcm_s24be.mov silent-mp3.mp3 late-opus.ogg late-vorbis.webm late-flac.mp4 \
  late-ac3.mp4 late-eac3.mov late-pcm_s24be.mov late-mp3.mp3; do
  codec=${made#*-}; codec=${codec%.*}
  case $codec in opus | vorbis) encoder=lib$codec ;; mp3) encoder=libmp3lame ;; *) encoder=$codec ;; esac
  rate=48000; [[ $codec == pcm* ]] && rate=8000
  sound=(-f lavfi -i "anullsrc=r=$rate:cl=mono" -t 1)
  [[ $made == late-* ]] && sound=(-f lavfi -i "sine=440:d=1:sample_rate=$rate" -af "volume=enable='lt(t,0.75)':volume=0")
  "${quiet[@]}" "${sound[@]}" -c:a "$encoder" -b:a 32k -strict -2 -map_metadata -1 -fflags +bitexact "$made"
done
"${quiet[@]}" -f lavfi -i anullsrc=r=48000:cl=5.1 -t 1 -c:a libopus -b:a 96k -map_metadata -1 -fflags +bitexact silent-opus-surround.webm
"${quiet[@]}" -f lavfi -i sine=440:d=1:sample_rate=48000 -af "volume=enable='lt(t,0.75)':volume=0,pan=5.1|BR=c0" -c:a libopus -b:a 96k -map_metadata -1 -fflags +bitexact late-opus-surround.webm
"${quiet[@]}" -f lavfi -i color=teal:s=48x32:d=1 -frames:v 1 -map_metadata -1 -fflags +bitexact image.jpg
"${quiet[@]}" -f lavfi -i color=teal:s=48x32:d=1 -frames:v 1 -map_metadata -1 -fflags +bitexact image.gif
"${quiet[@]}" -f lavfi -i color=teal:s=48x32:d=1 -frames:v 1 -map_metadata -1 -fflags +bitexact image.webp
"${quiet[@]}" -f lavfi -i sine=440:d=0.2:sample_rate=44100 -c:a mp2 -b:a 64k -map_metadata -1 -fflags +bitexact layer-two.mp2
# Two seconds whose clock begins later: at 1.4 s as FFmpeg begins a transport stream, at an hour, at ten seconds.
"${quiet[@]}" -i tone.aac -c copy -f mpegts late-clock-aac.m2ts
"${quiet[@]}" -i opus.ogg -c copy -output_ts_offset 3600 -fflags +bitexact late-clock-opus.ogg
"${quiet[@]}" -i opus.ogg -c copy -output_ts_offset 10 -fflags +bitexact late-clock-opus.webm
"${quiet[@]}" -i index-last.mp4 -c copy -output_ts_offset 10 -fflags +bitexact late-clock.mkv
# The same, and its sound begins half a second after its picture.
"${quiet[@]}" -i index-last.mp4 -itsoffset 0.5 -i index-last.mp4 -map 0:v -map 1:a -t 2 -c copy -f mpegts late-clock-late-sound.m2ts
"${quiet[@]}" -f lavfi -i testsrc=s=160x90:r=25:d=1 -itsoffset 0.5 -i late-opus.ogg -map 0:v -map 1:a -c:v libvpx-vp9 -crf 55 -b:v 0 -c:a copy -fflags +bitexact late-sound.webm
# What is media, and cannot be read here.
"${quiet[@]}" -f lavfi -i testsrc=s=16x16:r=25:d=0.04 -c:v mpeg4 -map_metadata -1 -fflags +bitexact foreign.avi
"${quiet[@]}" -f lavfi -i testsrc=s=16x16:r=25:d=0.04 -c:v flv -map_metadata -1 -fflags +bitexact foreign.flv
"${quiet[@]}" -f lavfi -i testsrc=s=16x16:r=25:d=0.04 -c:v libx264 -bsf:v filter_units=remove_types=6 bare.h264
for made in foreign.aiff foreign.wma foreign-adpcm.wav; do
  case $made in *.aiff) encoder=pcm_s16be ;; *.wma) encoder=wmav2 ;; *) encoder=adpcm_ms ;; esac
  "${quiet[@]}" -f lavfi -i sine=440:d=0.05:sample_rate=8000 -c:a "$encoder" -map_metadata -1 -fflags +bitexact "$made"
done
"${quiet[@]}" -f lavfi -i sine=440:d=0.1:sample_rate=8000 -c:a flac -map_metadata -1 -fflags +bitexact foreign-flac.ogg
"${quiet[@]}" -f lavfi -i sine=440:d=0.1:sample_rate=32000 -c:a ac3 -b:a 32k foreign.ac3
"${quiet[@]}" -f lavfi -i testsrc=s=16x16:r=25:d=0.04 -c:v prores_ks -profile:v 0 -map_metadata -1 -fflags +bitexact prores.mov
