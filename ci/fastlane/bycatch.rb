# A lane that stops a release which Bycatch fails. In fastlane/Fastfile:
#
#   import "bycatch.rb"
#
#   lane :release do
#     gradle(task: "assemble", build_type: "Release")
#     bycatch_check
#     upload_to_play_store
#   end
#
# Options, all of them optional, with paths from the root of the project:
#   app:              the APK; that of the last `gradle` unless given
#   command:          what is run, a list or one word; BYCATCH_COMMAND (split as a shell does) or `bycatch` unless given
#   policy:, lock:, form:, mapping:   files; `bycatch check` finds the first two by itself
#   rules:, first_party:              one or several
#   allow_incomplete: whether an app may pass of which parts could not be read
#   output:           files that the verdict is written to, one or several: build/bycatch.sarif
#   root:             the root of the project; the folder above fastlane/ unless given
require "shellwords"

private_lane :bycatch_check do |options|
  app = options[:app] || lane_context[:GRADLE_APK_OUTPUT_PATH]
  UI.user_error!("bycatch: no APK was built in this run: give the lane one, app: \"path.apk\"") if app.nil?

  named = options[:command] || ENV["BYCATCH_COMMAND"]&.shellsplit || "bycatch"
  command = [*named, "check"]
  %i[policy lock form mapping].each do |name|
    command << "--#{name}=#{options[name]}" unless options[name].nil?
  end
  Array(options[:rules]).each { |path| command << "--rules=#{path}" }
  Array(options[:first_party]).each { |package| command << "--first-party=#{package}" }
  command << "--allow-incomplete" if options[:allow_incomplete]
  command << "--output=-"
  Array(options[:output]).each { |file| command << "--output=#{file}" }
  command.push("--", app)

  # Lanes run in fastlane/.
  Dir.chdir(options[:root] || "..") do
    sh(*command) do |status, _output, _line|
      case status.exitstatus
      when 0 then UI.success("bycatch: #{app} may ship")
      when 1 then UI.user_error!("bycatch: #{app} must not ship: what failed stands above")
      when 3 then UI.user_error!("bycatch: #{app} could not be read whole: allow_incomplete: true lets it pass")
      else UI.user_error!("bycatch: there is no verdict on #{app} (exit code #{status.exitstatus.inspect})")
      end
    end
  end
end
