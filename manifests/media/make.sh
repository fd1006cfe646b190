#!/usr/bin/env bash
# Makes every media file of this folder from nothing. Needs ffmpeg (with libx264 and libmp3lame), espeak-ng, chromium
# and node. Everything is drawn and spoken here; nothing comes from elsewhere.
set -euo pipefail
cd "$(dirname "$0")"
chromium=${CHROMIUM_PATH:-chromium}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# render <name> <width> <height>: $work/<name>.svg to $work/<name>.png, transparent where nothing is drawn.
render() {
  printf '<!doctype html><style>*{margin:0}svg{display:block}</style>' >"$work/$1.html"
  cat "$work/$1.svg" >>"$work/$1.html"
  "$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --default-background-color=00000000 \
    --window-size="$2,$3" --screenshot="$work/$1.png" "file://$work/$1.html" >/dev/null 2>&1
}

# speak <voice> <seconds> <text> <wav>: a voice of exactly this length. It speaks as fast as needed, and silence follows.
speak() {
  local speed=130 length
  while :; do
    espeak-ng -v "$1" -s "$speed" -a 140 -w "$work/spoken.wav" "$3"
    length=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$work/spoken.wav")
    if awk "BEGIN{exit !($length + 0.25 <= $2 || $speed >= 300)}"; then break; fi
    speed=$((speed + 6))
  done
  ffmpeg -v error -y -i "$work/spoken.wav" -af "adelay=100,apad,volume=0.9" -ar 44100 -ac 1 -t "$2" "$4"
}

mp3() { ffmpeg -v error -y -i "$1" -c:a libmp3lame -b:a 64k -ac 1 -map_metadata -1 "$2"; }
m4a() { ffmpeg -v error -y -i "$1" -c:a aac -b:a 64k -ac 1 -map_metadata -1 -movflags +faststart "$2"; }

# people <id...>: the drawings of each as $work/<id>/0.png … 7.png.
people() {
  local id
  for id in "$@"; do
    node presenter.mjs sprites "$id" >"$work/$id.svg"
    render "$id" 600 5120
    mkdir -p "$work/$id"
    ffmpeg -v error -y -i "$work/$id.png" -vf untile=1x8 -start_number 0 "$work/$id/%d.png"
  done
}

# mouth <wav> <seconds> <person> <list>: which drawing each frame shows.
mouth() {
  ffmpeg -v error -y -i "$1" -f s16le -ac 1 -ar 16000 "$work/voice.pcm"
  node presenter.mjs frames "$work/voice.pcm" "$2" "$work/$3" >"$4"
}

stage() {
  node presenter.mjs background "$1" >"$work/$1-back.svg"
  render "$1-back" 1280 720
  node presenter.mjs caption "$1" >"$work/$1-title.svg"
  render "$1-title" 1280 720
}

encode=(-r 25 -c:v libx264 -preset veryslow -crf 25 -bf 0 -g 50 -pix_fmt yuv420p -c:a aac -b:a 64k -ac 1 -map_metadata -1 -movflags +faststart)

# solo <video> <person> <voice> <seconds> <text>
solo() {
  stage "$1"
  speak "$3" "$4" "$5" "$work/$1.wav"
  mouth "$work/$1.wav" "$4" "$2" "$work/$1.ffconcat"
  ffmpeg -v error -y -loop 1 -framerate 25 -i "$work/$1-back.png" -f concat -safe 0 -i "$work/$1.ffconcat" \
    -loop 1 -framerate 25 -i "$work/$1-title.png" -i "$work/$1.wav" -filter_complex \
    "[1:v]fps=25[p];[0:v][p]overlay=x='340+5*sin(2*PI*t/3.1)':y='84+3*sin(2*PI*t/1.7)':eof_action=repeat[a];[a][2:v]overlay[v]" \
    -map '[v]' -map 3:a -t "$4" "${encode[@]}" "$1.mp4"
}

# duo <video> <left> <right> <voice> <voice> <seconds> <seconds> <text> <text>: one speaks after the other.
duo() {
  local total
  total=$(awk "BEGIN{print $6 + $7}")
  stage "$1"
  speak "$4" "$6" "$8" "$work/left.wav"
  speak "$5" "$7" "$9" "$work/right.wav"
  ffmpeg -v error -y -i "$work/left.wav" -af apad -t "$total" "$work/left-all.wav"
  ffmpeg -v error -y -i "$work/right.wav" -af "adelay=$(awk "BEGIN{print $6 * 1000}")" -t "$total" "$work/right-all.wav"
  mouth "$work/left-all.wav" "$total" "$2" "$work/left.ffconcat"
  mouth "$work/right-all.wav" "$total" "$3" "$work/right.ffconcat"
  ffmpeg -v error -y -loop 1 -framerate 25 -i "$work/$1-back.png" -f concat -safe 0 -i "$work/left.ffconcat" \
    -f concat -safe 0 -i "$work/right.ffconcat" -loop 1 -framerate 25 -i "$work/$1-title.png" \
    -i "$work/left-all.wav" -i "$work/right-all.wav" -filter_complex \
    "[1:v]fps=25[l];[2:v]fps=25[r];[0:v][l]overlay=x='30+4*sin(2*PI*t/3.1)':y='124+3*sin(2*PI*t/1.7)':eof_action=repeat[a];
     [a][r]overlay=x='650+4*sin(2*PI*t/2.7)':y='124+3*sin(2*PI*t/1.9)':eof_action=repeat[b];[b][3:v]overlay[v];[4:a][5:a]amix=inputs=2:normalize=0[s]" \
    -map '[v]' -map '[s]' -t "$total" "${encode[@]}" "$1.mp4"
}

# track <language> <voice> <name> <seconds> <mp3|m4a> <text>
track() {
  mkdir -p "audio/$1"
  speak "$2" "$4" "$6" "$work/track.wav"
  "$5" "$work/track.wav" "audio/$1/$3.$5"
}

people mara omar jun ines

solo welcome mara en-us+f3 5.48 "Welcome to the team! In the next few minutes, you will get to know us."
solo safety omar en-us+m3 6.8 "Safety comes first. Wear your helmet, keep the exits clear, and report every hazard at once."
solo product jun en-us+m7 7.2 "This is our new product. It is light, it is quiet, and it is ready in one minute. Let me show you how."
duo interview mara ines en-us+f3 en-us+f4 3.2 3.6 \
  "What do you like most about your work here?" "The people. And that every day brings something new."

node presenter.mjs mask welcome >"$work/mask.svg"
render mask 1280 720
ffmpeg -v error -y -i "$work/mask.png" -pix_fmt gray -map_metadata -1 welcome-mask.png

track de de+f3 welcome 5.4 mp3 "Willkommen im Team! In den nächsten Minuten lernen Sie uns kennen."
track de de+m3 safety 7.1 mp3 "Sicherheit geht vor. Tragen Sie Ihren Helm, halten Sie die Ausgänge frei und melden Sie jede Gefahr sofort."
track de de+m7 product 7.4 m4a "Das ist unser neues Produkt. Es ist leicht, leise und in einer Minute einsatzbereit. Ich zeige Ihnen, wie es geht."
track fr fr-fr+f3 welcome 5.5 mp3 "Bienvenue dans l'équipe ! Dans les prochaines minutes, vous allez apprendre à nous connaître."
track fr fr-fr+m3 safety 7.2 mp3 "La sécurité avant tout. Portez votre casque, gardez les issues dégagées et signalez immédiatement tout danger."
track fr fr-fr+m7 product 7.5 m4a "Voici notre nouveau produit. Il est léger, silencieux et prêt en une minute. Je vais vous montrer comment il marche."
track ja ja+f3 welcome 5.35 mp3 "チームへようこそ。これから、わたしたちのことを、ごしょうかいします。"
track ja ja+m3 safety 7.3 mp3 "あんぜんだいいちです。ヘルメットをかぶり、でぐちをふさがず、きけんをみつけたら、すぐにしらせてください。"
track ja ja+m7 product 6.9 m4a "こちらがしんせいひんです。かるくて、しずかで、いっぷんでつかえます。つかいかたを、おみせします。"
track pt-BR pt-br+f3 welcome 5.45 mp3 "Boas-vindas à equipe! Nos próximos minutos, você vai nos conhecer melhor."
track pt-BR pt-br+m3 safety 7 mp3 "Segurança em primeiro lugar. Use o capacete, mantenha as saídas livres e avise imediatamente sobre qualquer perigo."
track pt-BR pt-br+m7 product 7.3 m4a "Este é o nosso novo produto. Ele é leve, silencioso e fica pronto em um minuto. Vou mostrar como funciona."

track de de+f3 interview-left 3.3 mp3 "Was gefällt Ihnen an Ihrer Arbeit hier am besten?"
track de de+f4 interview-right 3.6 mp3 "Die Menschen. Und dass jeder Tag etwas Neues bringt."
track fr fr-fr+f3 interview-left 3.4 mp3 "Qu'est-ce qui vous plaît le plus dans votre travail ici ?"
track fr fr-fr+f4 interview-right 3.7 mp3 "Les gens. Et chaque jour apporte quelque chose de nouveau."

for file in *.mp4 audio/*/*; do
  printf '%-36s %s s\n' "$file" "$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$file")"
done
